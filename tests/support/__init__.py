"""What tests share: factories, worlds, clients, prepared databases."""
