internal import BoxOCI
