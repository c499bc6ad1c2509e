// Original file: proto/drover/v1/operator.proto


export interface RevokeResponse {
}

export interface RevokeResponse__Output {
}
