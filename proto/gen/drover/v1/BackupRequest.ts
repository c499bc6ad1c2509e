// Original file: proto/drover/v1/operator.proto


export interface BackupRequest {
}

export interface BackupRequest__Output {
}
