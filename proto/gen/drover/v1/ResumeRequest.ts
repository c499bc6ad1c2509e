// Original file: proto/drover/v1/operator.proto


export interface ResumeRequest {
  'host'?: (string);
}

export interface ResumeRequest__Output {
  'host': (string);
}
