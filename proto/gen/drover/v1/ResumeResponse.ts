// Original file: proto/drover/v1/operator.proto


export interface ResumeResponse {
  'resources'?: (string)[];
}

export interface ResumeResponse__Output {
  'resources': (string)[];
}
