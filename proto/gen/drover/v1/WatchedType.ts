// Original file: proto/drover/v1/types.proto


export interface WatchedType {
  'type'?: (string);
  'heard'?: (number);
  'polled'?: (number);
  'swept'?: (number);
}

export interface WatchedType__Output {
  'type': (string);
  'heard': (number);
  'polled': (number);
  'swept': (number);
}
