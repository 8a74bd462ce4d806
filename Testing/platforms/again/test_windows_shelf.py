from Testing.adapters.test_shelf import *  # noqa: F403
