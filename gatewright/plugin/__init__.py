"""What every gRPC plugin of Pulumi's engine needs here: protos, a server, values, a base provider."""
