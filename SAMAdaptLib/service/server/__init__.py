"""What `samadapt serve` runs: workers for applications on other machines, and what those have sent."""
