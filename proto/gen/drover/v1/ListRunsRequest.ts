// Original file: proto/drover/v1/operator.proto


export interface ListRunsRequest {
  'host'?: (string);
  'page_size'?: (number);
  'page_token'?: (string);
}

export interface ListRunsRequest__Output {
  'host': (string);
  'page_size': (number);
  'page_token': (string);
}
