// Original file: proto/drover/v1/operator.proto


export interface ReleaseClaimResponse {
}

export interface ReleaseClaimResponse__Output {
}
