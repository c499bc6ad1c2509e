// Original file: proto/drover/v1/agent.proto


export interface RenewRequest {
  'generation'?: (number);
}

export interface RenewRequest__Output {
  'generation': (number);
}
