from Testing.methods.test_shelf import *  # noqa: F403
