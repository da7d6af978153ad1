// The operations of `vitrine compute`, each a function from a request's fields to a result's; compute.cpp has
// their table. All throw io::FormatError or std::invalid_argument naming the field or the sizes that are
// wrong.
#pragma once

#include "app/cli/compute_request.h"

namespace vitrine::cli {

// compute_convolution.cpp
void compute_conv(const Request& request, Result& result);
void compute_conv_backward(const Request& request, Result& result);
void compute_conv_transpose(const Request& request, Result& result);
void compute_conv_shape(const Request& request, Result& result);
void compute_toeplitz(const Request& request, Result& result);
void compute_locally_connected(const Request& request, Result& result);
void compute_pool(const Request& request, Result& result);
void compute_receptive_field(const Request& request, Result& result);

// compute_attention.cpp
void compute_attention(const Request& request, Result& result);
void compute_multi_head_attention(const Request& request, Result& result);
void compute_softmax(const Request& request, Result& result);

// compute_positions.cpp
void compute_positional_encoding(const Request& request, Result& result);
void compute_dot_product_statistics(const Request& request, Result& result);
// compute_recurrent.cpp
void compute_gated_rnn(const Request& request, Result& result);
void compute_attention_rnn(const Request& request, Result& result);
// compute_encoder.cpp
void compute_layer_norm(const Request& request, Result& result);
void compute_encoder_layer(const Request& request, Result& result);
// compute_vit.cpp
void compute_vit_forward(const Request& request, Result& result);

}  // namespace vitrine::cli
