// Original file: proto/drover/v1/operator.proto


export interface UnassignRequest {
  'host'?: (string);
  'roles'?: (string)[];
}

export interface UnassignRequest__Output {
  'host': (string);
  'roles': (string)[];
}
