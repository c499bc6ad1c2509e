// Original file: proto/drover/v1/operator.proto


export interface BlamedRead {
  'name'?: (string);
  'places'?: (string)[];
}

export interface BlamedRead__Output {
  'name': (string);
  'places': (string)[];
}
