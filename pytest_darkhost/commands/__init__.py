"""
The sub-commands of `darkhost`, one module or package each. Each gives an `add_command` that declares its arguments.
"""
