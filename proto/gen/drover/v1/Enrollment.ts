// Original file: proto/drover/v1/enrollment.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { JoinRequest as _drover_v1_JoinRequest, JoinRequest__Output as _drover_v1_JoinRequest__Output } from '../../drover/v1/JoinRequest.ts';
import type { JoinResponse as _drover_v1_JoinResponse, JoinResponse__Output as _drover_v1_JoinResponse__Output } from '../../drover/v1/JoinResponse.ts';

export interface EnrollmentClient extends grpc.Client {
  Join(argument: _drover_v1_JoinRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_JoinResponse__Output>): grpc.ClientUnaryCall;
  Join(argument: _drover_v1_JoinRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_JoinResponse__Output>): grpc.ClientUnaryCall;
  Join(argument: _drover_v1_JoinRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_JoinResponse__Output>): grpc.ClientUnaryCall;
  Join(argument: _drover_v1_JoinRequest, callback: grpc.requestCallback<_drover_v1_JoinResponse__Output>): grpc.ClientUnaryCall;
  join(argument: _drover_v1_JoinRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_JoinResponse__Output>): grpc.ClientUnaryCall;
  join(argument: _drover_v1_JoinRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_drover_v1_JoinResponse__Output>): grpc.ClientUnaryCall;
  join(argument: _drover_v1_JoinRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_drover_v1_JoinResponse__Output>): grpc.ClientUnaryCall;
  join(argument: _drover_v1_JoinRequest, callback: grpc.requestCallback<_drover_v1_JoinResponse__Output>): grpc.ClientUnaryCall;
  
}

export interface EnrollmentHandlers extends grpc.UntypedServiceImplementation {
  Join: grpc.handleUnaryCall<_drover_v1_JoinRequest__Output, _drover_v1_JoinResponse>;
  
}

export interface EnrollmentDefinition extends grpc.ServiceDefinition {
  Join: MethodDefinition<_drover_v1_JoinRequest, _drover_v1_JoinResponse, _drover_v1_JoinRequest__Output, _drover_v1_JoinResponse__Output>
}
