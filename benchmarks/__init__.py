"""How fast and how right is Carnet, against a reference measured in the same run?"""
