"""The worker processes that an application talks to: one answers prompts, one trains, one does what is short."""
