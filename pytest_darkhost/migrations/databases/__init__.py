"""Where round trips run: databases that are made here and dropped whatever happens, never anybody else's."""
