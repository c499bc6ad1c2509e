// Original file: proto/drover/v1/operator.proto


export interface ListOwnedRequest {
  'host'?: (string);
}

export interface ListOwnedRequest__Output {
  'host': (string);
}
