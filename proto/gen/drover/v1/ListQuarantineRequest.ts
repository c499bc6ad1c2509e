// Original file: proto/drover/v1/operator.proto


export interface ListQuarantineRequest {
  'host'?: (string);
}

export interface ListQuarantineRequest__Output {
  'host': (string);
}
