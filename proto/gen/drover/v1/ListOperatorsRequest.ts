// Original file: proto/drover/v1/operator.proto


export interface ListOperatorsRequest {
}

export interface ListOperatorsRequest__Output {
}
