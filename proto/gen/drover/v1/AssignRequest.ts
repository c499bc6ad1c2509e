// Original file: proto/drover/v1/operator.proto


export interface AssignRequest {
  'host'?: (string);
  'roles'?: (string)[];
}

export interface AssignRequest__Output {
  'host': (string);
  'roles': (string)[];
}
