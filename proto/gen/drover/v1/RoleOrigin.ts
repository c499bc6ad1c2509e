// Original file: proto/drover/v1/operator.proto


export interface RoleOrigin {
  'role'?: (string);
  'origin'?: (string);
}

export interface RoleOrigin__Output {
  'role': (string);
  'origin': (string);
}
