// Original file: proto/drover/v1/agent.proto


export interface GetCatalogRequest {
  'known_sha256'?: (string);
}

export interface GetCatalogRequest__Output {
  'known_sha256': (string);
}
