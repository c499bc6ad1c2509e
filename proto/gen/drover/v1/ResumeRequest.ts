// Original file: proto/drover/v1/operator.proto


export interface ResumeRequest {
  'host'?: (string);
  'resources'?: (string)[];
  'role'?: (string);
}

export interface ResumeRequest__Output {
  'host': (string);
  'resources': (string)[];
  'role': (string);
}
