// Original file: proto/drover/v1/agent.proto


export interface RenewResponse {
  'certificate_chain'?: (string);
  'roots'?: (string);
  'generation'?: (number);
}

export interface RenewResponse__Output {
  'certificate_chain': (string);
  'roots': (string);
  'generation': (number);
}
