"""What pytest sees: options, items, fixtures, terminal, report. With `plugin`, the only code that imports pytest."""
