// Original file: proto/drover/v1/operator.proto


export interface ResumeResponse {
}

export interface ResumeResponse__Output {
}
