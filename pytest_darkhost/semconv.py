"""
Names of the OpenTelemetry semantic conventions that the report uses, and the version that they follow.

Names only; the package is no dependency. Of the GenAI names the conventions say that they have moved to a registry of
their own, with the same spelling.
"""

VERSION = "1.44.0"
"""<https://opentelemetry.io/schemas/1.44.0>"""

CICD_PIPELINE_RUN_ID = "cicd.pipeline.run.id"
CICD_PIPELINE_RUN_URL_FULL = "cicd.pipeline.run.url.full"
ERROR_TYPE = "error.type"
GEN_AI_OPERATION_NAME = "gen_ai.operation.name"
GEN_AI_PROVIDER_NAME = "gen_ai.provider.name"
GEN_AI_REQUEST_MODEL = "gen_ai.request.model"
GEN_AI_RESPONSE_FINISH_REASONS = "gen_ai.response.finish_reasons"
GEN_AI_RESPONSE_ID = "gen_ai.response.id"
GEN_AI_RESPONSE_MODEL = "gen_ai.response.model"
GEN_AI_USAGE_INPUT_TOKENS = "gen_ai.usage.input_tokens"
GEN_AI_USAGE_OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
HTTP_REQUEST_METHOD = "http.request.method"
HTTP_RESPONSE_STATUS_CODE = "http.response.status_code"
NETWORK_PEER_ADDRESS = "network.peer.address"
NETWORK_PROTOCOL_VERSION = "network.protocol.version"
TLS_PROTOCOL_VERSION = "tls.protocol.version"
TLS_SERVER_HASH_SHA256 = "tls.server.hash.sha256"
URL_FULL = "url.full"
VCS_REF_HEAD_NAME = "vcs.ref.head.name"
VCS_REF_HEAD_REVISION = "vcs.ref.head.revision"
VCS_REPOSITORY_URL_FULL = "vcs.repository.url.full"
