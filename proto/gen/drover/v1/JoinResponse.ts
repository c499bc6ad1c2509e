// Original file: proto/drover/v1/enrollment.proto


export interface JoinResponse {
  'certificate_chain'?: (string);
  'roots'?: (string);
  'name'?: (string);
  'addresses'?: (string)[];
  'generation'?: (number);
}

export interface JoinResponse__Output {
  'certificate_chain': (string);
  'roots': (string);
  'name': (string);
  'addresses': (string)[];
  'generation': (number);
}
