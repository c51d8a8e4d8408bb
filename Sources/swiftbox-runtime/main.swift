print("rt")
