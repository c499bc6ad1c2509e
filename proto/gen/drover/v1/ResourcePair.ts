// Original file: proto/drover/v1/operator.proto


export interface ResourcePair {
  'id'?: (string);
  'from'?: (Buffer | Uint8Array | string);
  'to'?: (Buffer | Uint8Array | string);
  'from_content'?: (Buffer | Uint8Array | string);
  'to_content'?: (Buffer | Uint8Array | string);
  'content_note'?: (string);
  'secrets'?: (string)[];
}

export interface ResourcePair__Output {
  'id': (string);
  'from': (Buffer);
  'to': (Buffer);
  'from_content': (Buffer);
  'to_content': (Buffer);
  'content_note': (string);
  'secrets': (string)[];
}
