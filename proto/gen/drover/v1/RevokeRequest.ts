// Original file: proto/drover/v1/operator.proto


export interface RevokeRequest {
  'host'?: (string);
  'reason'?: (string);
}

export interface RevokeRequest__Output {
  'host': (string);
  'reason': (string);
}
