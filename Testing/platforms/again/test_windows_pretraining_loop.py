from Testing.pretraining.test_pretraining_loop import (  # noqa: F401
    images,
    library,
    native,
    test_a_whole_checkpoint_is_no_start_but_a_base,
    test_killed_and_resumed_is_uninterrupted_to_the_bit,
    test_the_whole_encoder_stopped_and_resumed,
    whole,
)
