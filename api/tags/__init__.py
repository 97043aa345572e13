"""What an order's texts ask for: tags from remarks, options and keywords, and promises to pay."""
