// Original file: proto/drover/v1/agent.proto


export interface CatalogNews {
  'sha256'?: (string);
  'commit'?: (string);
}

export interface CatalogNews__Output {
  'sha256': (string);
  'commit': (string);
}
