// Original file: proto/drover/v1/operator.proto


export interface GetCompiledResponse {
  'data'?: (Buffer | Uint8Array | string);
}

export interface GetCompiledResponse__Output {
  'data': (Buffer);
}
