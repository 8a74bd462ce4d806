from Testing.training.test_loop import (  # noqa: F401
    library,
    test_killed_at_any_moment_is_uninterrupted_to_the_bit,
    test_stopped_and_resumed_is_uninterrupted_to_the_bit,
    test_the_best_weights_are_those_of_the_best_step,
    whole,
)
