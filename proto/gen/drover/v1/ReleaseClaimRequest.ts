// Original file: proto/drover/v1/operator.proto


export interface ReleaseClaimRequest {
  'host'?: (string);
  'resource'?: (string);
}

export interface ReleaseClaimRequest__Output {
  'host': (string);
  'resource': (string);
}
