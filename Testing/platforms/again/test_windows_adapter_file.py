from Testing.adapters.test_adapter_file import *  # noqa: F403
