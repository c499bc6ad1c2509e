// Original file: proto/drover/v1/agent.proto


export interface PutFactsResponse {
}

export interface PutFactsResponse__Output {
}
