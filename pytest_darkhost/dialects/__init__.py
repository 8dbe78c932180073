"""
The wire formats: a probe becomes an HTTP request (`requests`), an exchange becomes an observation (`reading`).

One module a dialect (`openai`, `anthropic`), besides the event-stream reader (`sse`) and error envelopes (`envelopes`).
"""
