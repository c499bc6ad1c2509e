// Original file: proto/drover/v1/operator.proto


export interface Selection {
  'hosts'?: (string)[];
  'roles'?: (string)[];
  'all'?: (boolean);
}

export interface Selection__Output {
  'hosts': (string)[];
  'roles': (string)[];
  'all': (boolean);
}
