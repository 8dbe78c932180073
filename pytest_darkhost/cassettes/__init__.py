"""
Cassettes: what a target's probes saw, in a file that any user of vcrpy can replay.

`names` says where a cassette lies, `writing` makes one of exchanges, `reading` opens one, `player` answers from it.
"""
