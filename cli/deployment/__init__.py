"""Setting up, looking over and taking down an install, on an account or, to try it, on the embedded cloud."""
