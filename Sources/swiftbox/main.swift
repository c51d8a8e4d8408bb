print("swiftbox")
