"""What stops a start (T39): settings, a database or a disk with which the portal would not be safe."""
