"""The worker processes that an application talks to: one answers prompts, one trains."""
