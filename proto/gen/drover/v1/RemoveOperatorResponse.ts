// Original file: proto/drover/v1/operator.proto


export interface RemoveOperatorResponse {
}

export interface RemoveOperatorResponse__Output {
}
