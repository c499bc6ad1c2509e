// Original file: proto/drover/v1/agent.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { FollowRequest as _drover_v1_FollowRequest, FollowRequest__Output as _drover_v1_FollowRequest__Output } from '../../drover/v1/FollowRequest.ts';
import type { FollowResponse as _drover_v1_FollowResponse, FollowResponse__Output as _drover_v1_FollowResponse__Output } from '../../drover/v1/FollowResponse.ts';
import type { GetBlobRequest as _drover_v1_GetBlobRequest, GetBlobRequest__Output as _drover_v1_GetBlobRequest__Output } from '../../drover/v1/GetBlobRequest.ts';
import type { GetBlobResponse as _drover_v1_GetBlobResponse, GetBlobResponse__Output as _drover_v1_GetBlobResponse__Output } from '../../drover/v1/GetBlobResponse.ts';
import type { GetCatalogRequest as _drover_v1_GetCatalogRequest, GetCatalogRequest__Output as _drover_v1_GetCatalogRequest__Output } from '../../drover/v1/GetCatalogRequest.ts';
import type { GetCatalogResponse as _drover_v1_GetCatalogResponse, GetCatalogResponse__Output as _drover_v1_GetCatalogResponse__Output } from '../../drover/v1/GetCatalogResponse.ts';
import type { PutFactsRequest as _drover_v1_PutFactsRequest, PutFactsRequest__Output as _drover_v1_PutFactsRequest__Output } from '../../drover/v1/PutFactsRequest.ts';
import type { PutFactsResponse as _drover_v1_PutFactsResponse, PutFactsResponse__Output as _drover_v1_PutFactsResponse__Output } from '../../drover/v1/PutFactsResponse.ts';
import type { PutRehearsalRequest as _drover_v1_PutRehearsalRequest, PutRehearsalRequest__Output as _drover_v1_PutRehearsalRequest__Output } from '../../drover/v1/PutRehearsalRequest.ts';
import type { PutRehearsalResponse as _drover_v1_PutRehearsalResponse, PutRehearsalResponse__Output as _drover_v1_PutRehearsalResponse__Output } from '../../drover/v1/PutRehearsalResponse.ts';
import type { PutReportRequest as _drover_v1_PutReportRequest, PutReportRequest__Output as _drover_v1_PutReportRequest__Output } from '../../drover/v1/PutReportRequest.ts';
import type { PutReportResponse as _drover_v1_PutReportResponse, PutReportResponse__Output as _drover_v1_PutReportResponse__Output } from '../../drover/v1/PutReportResponse.ts';
import type { RenewRequest as _drover_v1_RenewRequest, RenewRequest__Output as _drover_v1_RenewRequest__Output } from '../../drover/v1/RenewRequest.ts';
import type { RenewResponse as _drover_v1_RenewResponse, RenewResponse__Output as _drover_v1_RenewResponse__Output } from '../../drover/v1/RenewResponse.ts';

export interface AgentClient extends grpc.Client {
  Follow(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_drover_v1_FollowRequest, _drover_v1_FollowResponse__Output>;
  Follow(options?: grpc.CallOptions): grpc.ClientDuplexStream<_drover_v1_FollowRequest, _drover_v1_FollowResponse__Output>;
  follow(metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientDuplexStream<_drover_v1_FollowRequest, _drover_v1_FollowResponse__Output>;
  follow(options?: grpc.CallOptions): grpc.ClientDuplexStream<_drover_v1_FollowRequest, _drover_v1_FollowResponse__Output>;
  
  GetBlob(argument: _drover_v1_GetBlobRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_drover_v1_GetBlobResponse__Output>;
  GetBlob(argument: _drover_v1_GetBlobRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_drover_v1_GetBlobResponse__Output>;
  getBlob(argument: _drover_v1_GetBlobRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_drover_v1_GetBlobResponse__Output>;
  getBlob(argument: _drover_v1_GetBlobRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_drover_v1_GetBlobResponse__Output>;
  
  GetCatalog(argument: _drover_v1_GetCatalogRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_drover_v1_GetCatalogResponse__Output>;
  GetCatalog(argument: _drover_v1_GetCatalogRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_drover_v1_GetCatalogResponse__Output>;
  getCatalog(argument: _drover_v1_GetCatalogRequest, metadata: grpc.Metadata, options?: grpc.CallOptions): grpc.ClientReadableStream<_drover_v1_GetCatalogResponse__Output>;
  getCatalog(argument: _drover_v1_GetCatalogRequest, options?: grpc.CallOptions): grpc.ClientReadableStream<_drover_v1_GetCatalogResponse__Output>;
  
  PutFacts(argument: _drover_v1_PutFactsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_PutFactsResponse__Output>): grpc.ClientUnaryCall;
  PutFacts(argument: _drover_v1_PutFactsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_PutFactsResponse__Output>): grpc.ClientUnaryCall;
  PutFacts(argument: _drover_v1_PutFactsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_PutFactsResponse__Output>): grpc.ClientUnaryCall;
  PutFacts(argument: _drover_v1_PutFactsRequest, callback: grpc.requestCallback<_drover_v1_PutFactsResponse__Output>): grpc.ClientUnaryCall;
  putFacts(argument: _drover_v1_PutFactsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_PutFactsResponse__Output>): grpc.ClientUnaryCall;
  putFacts(argument: _drover_v1_PutFactsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_PutFactsResponse__Output>): grpc.ClientUnaryCall;
  putFacts(argument: _drover_v1_PutFactsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_PutFactsResponse__Output>): grpc.ClientUnaryCall;
  putFacts(argument: _drover_v1_PutFactsRequest, callback: grpc.requestCallback<_drover_v1_PutFactsResponse__Output>): grpc.ClientUnaryCall;
  
  PutRehearsal(metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_PutRehearsalResponse__Output>): grpc.ClientWritableStream<_drover_v1_PutRehearsalRequest>;
  PutRehearsal(metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_PutRehearsalResponse__Output>): grpc.ClientWritableStream<_drover_v1_PutRehearsalRequest>;
  PutRehearsal(options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_PutRehearsalResponse__Output>): grpc.ClientWritableStream<_drover_v1_PutRehearsalRequest>;
  PutRehearsal(callback: grpc.requestCallback<_drover_v1_PutRehearsalResponse__Output>): grpc.ClientWritableStream<_drover_v1_PutRehearsalRequest>;
  putRehearsal(metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_PutRehearsalResponse__Output>): grpc.ClientWritableStream<_drover_v1_PutRehearsalRequest>;
  putRehearsal(metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_PutRehearsalResponse__Output>): grpc.ClientWritableStream<_drover_v1_PutRehearsalRequest>;
  putRehearsal(options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_PutRehearsalResponse__Output>): grpc.ClientWritableStream<_drover_v1_PutRehearsalRequest>;
  putRehearsal(callback: grpc.requestCallback<_drover_v1_PutRehearsalResponse__Output>): grpc.ClientWritableStream<_drover_v1_PutRehearsalRequest>;
  
  PutReport(metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_PutReportResponse__Output>): grpc.ClientWritableStream<_drover_v1_PutReportRequest>;
  PutReport(metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_PutReportResponse__Output>): grpc.ClientWritableStream<_drover_v1_PutReportRequest>;
  PutReport(options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_PutReportResponse__Output>): grpc.ClientWritableStream<_drover_v1_PutReportRequest>;
  PutReport(callback: grpc.requestCallback<_drover_v1_PutReportResponse__Output>): grpc.ClientWritableStream<_drover_v1_PutReportRequest>;
  putReport(metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_PutReportResponse__Output>): grpc.ClientWritableStream<_drover_v1_PutReportRequest>;
  putReport(metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_PutReportResponse__Output>): grpc.ClientWritableStream<_drover_v1_PutReportRequest>;
  putReport(options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_PutReportResponse__Output>): grpc.ClientWritableStream<_drover_v1_PutReportRequest>;
  putReport(callback: grpc.requestCallback<_drover_v1_PutReportResponse__Output>): grpc.ClientWritableStream<_drover_v1_PutReportRequest>;
  
  Renew(argument: _drover_v1_RenewRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  Renew(argument: _drover_v1_RenewRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  Renew(argument: _drover_v1_RenewRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  Renew(argument: _drover_v1_RenewRequest, callback: grpc.requestCallback<_drover_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  renew(argument: _drover_v1_RenewRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  renew(argument: _drover_v1_RenewRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  renew(argument: _drover_v1_RenewRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  renew(argument: _drover_v1_RenewRequest, callback: grpc.requestCallback<_drover_v1_RenewResponse__Output>): grpc.ClientUnaryCall;
  
}

export interface AgentHandlers extends grpc.UntypedServiceImplementation {
  Follow: grpc.handleBidiStreamingCall<_drover_v1_FollowRequest__Output, _drover_v1_FollowResponse>;
  
  GetBlob: grpc.handleServerStreamingCall<_drover_v1_GetBlobRequest__Output, _drover_v1_GetBlobResponse>;
  
  GetCatalog: grpc.handleServerStreamingCall<_drover_v1_GetCatalogRequest__Output, _drover_v1_GetCatalogResponse>;
  
  PutFacts: grpc.handleUnaryCall<_drover_v1_PutFactsRequest__Output, _drover_v1_PutFactsResponse>;
  
  PutRehearsal: grpc.handleClientStreamingCall<_drover_v1_PutRehearsalRequest__Output, _drover_v1_PutRehearsalResponse>;
  
  PutReport: grpc.handleClientStreamingCall<_drover_v1_PutReportRequest__Output, _drover_v1_PutReportResponse>;
  
  Renew: grpc.handleUnaryCall<_drover_v1_RenewRequest__Output, _drover_v1_RenewResponse>;
  
}

export interface AgentDefinition extends grpc.ServiceDefinition {
  Follow: MethodDefinition<_drover_v1_FollowRequest, _drover_v1_FollowResponse, _drover_v1_FollowRequest__Output, _drover_v1_FollowResponse__Output>
  GetBlob: MethodDefinition<_drover_v1_GetBlobRequest, _drover_v1_GetBlobResponse, _drover_v1_GetBlobRequest__Output, _drover_v1_GetBlobResponse__Output>
  GetCatalog: MethodDefinition<_drover_v1_GetCatalogRequest, _drover_v1_GetCatalogResponse, _drover_v1_GetCatalogRequest__Output, _drover_v1_GetCatalogResponse__Output>
  PutFacts: MethodDefinition<_drover_v1_PutFactsRequest, _drover_v1_PutFactsResponse, _drover_v1_PutFactsRequest__Output, _drover_v1_PutFactsResponse__Output>
  PutRehearsal: MethodDefinition<_drover_v1_PutRehearsalRequest, _drover_v1_PutRehearsalResponse, _drover_v1_PutRehearsalRequest__Output, _drover_v1_PutRehearsalResponse__Output>
  PutReport: MethodDefinition<_drover_v1_PutReportRequest, _drover_v1_PutReportResponse, _drover_v1_PutReportRequest__Output, _drover_v1_PutReportResponse__Output>
  Renew: MethodDefinition<_drover_v1_RenewRequest, _drover_v1_RenewResponse, _drover_v1_RenewRequest__Output, _drover_v1_RenewResponse__Output>
}
