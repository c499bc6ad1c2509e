// Original file: proto/drover/v1/agent.proto


export interface PutRehearsalResponse {
}

export interface PutRehearsalResponse__Output {
}
