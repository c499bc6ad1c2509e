// Original file: proto/drover/v1/operator.proto


export interface GetHostRequest {
  'name'?: (string);
}

export interface GetHostRequest__Output {
  'name': (string);
}
