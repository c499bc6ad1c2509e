// Original file: proto/drover/v1/operator.proto


export interface DiagnoseRequest {
}

export interface DiagnoseRequest__Output {
}
